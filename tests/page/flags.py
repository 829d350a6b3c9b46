"""Flags of the browsers that look at the pages."""

DRAWING = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
"""Of one that draws maps, by software: dear, and only for what is drawn."""
PLAIN = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-3d-apis",
    "--host-resolver-rules=MAP notes.test 127.0.0.1",
]
"""Of one without WebGL, for which notes.test is this machine."""
