"""Headers that every answer carries: what browsers may do with it, and nothing more."""

from urllib.parse import urlsplit

from flask import Flask, Response

_HTML = "text/html"


def register(app: Flask, *, basemap_style: str | None) -> None:
    """Set the security headers of every answer; pages may load from here and from the basemap's host."""
    policy = content_security_policy(basemap_style)

    def secure(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if response.mimetype == _HTML:
            response.headers["Content-Security-Policy"] = policy
            response.headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"
        else:
            # Nothing but pages is ever meant to run as one.
            response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
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
