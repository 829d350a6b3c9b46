"""Headers that every answer carries: what browsers may do with it, and nothing more."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

_HTML = "text/html"
_SCRIPT = "text/javascript"

FIXED = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_STAY_WITH_HTTPS = "max-age=31536000"  # a year; other names of the domain are not ours to speak for
# Nothing but pages is ever meant to run as one.
OF_DATA = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")


def register(app: Flask, *, basemap_style: str | None) -> None:
    """Set the security headers of every answer; pages may load from here and from the basemap's host."""
    policy = content_security_policy(basemap_style)

    def secure(response: Response) -> Response:
        for name, value in FIXED:
            response.headers.setdefault(name, value)
        if request.method == "GET" and "Authorization" in request.headers:
            response.headers.setdefault("Cache-Control", "no-store")  # it may be of one person
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = _STAY_WITH_HTTPS
        if response.mimetype == _HTML:
            response.headers.setdefault("Content-Security-Policy", policy)
            response.headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"
        elif response.mimetype == _SCRIPT:
            # A worker is bound by the policy of its own script, not by that of its page.
            response.headers["Content-Security-Policy"] = policy
        else:
            response.headers.set(*OF_DATA)
        return response

    app.after_request(secure)


def content_security_policy(basemap_style: str | None) -> str:
    """Return the policy of pages: only files of this origin run, no inline script or style."""
    address = urlsplit(basemap_style or "")
    foreign = f" {address.scheme}://{address.netloc}" if address.netloc else ""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{foreign}",
            f"connect-src 'self'{foreign}",
            "worker-src 'self'",
            "font-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )
