SwaggerUIBundle({
  url: "/api/swagger.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: null,
});
