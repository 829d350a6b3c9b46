"""Flags of the browsers that look at the pages."""

_PLAYWRIGHTS = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "OptimizationHints"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "NetworkTimeServiceQuerying"),
    *("AimEnabled", "PreconnectToSearch"),
)
"""What Playwright 1.65 turns off itself (its chromiumSwitches.ts): of two such flags the last one counts."""
_ADDRESS_BAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI")
"""A page of its own behind each window's address bar: a third of what a window costs."""
_ALL = ["--no-sandbox", f"--disable-features={','.join((*_PLAYWRIGHTS, *_ADDRESS_BAR))}"]

DRAWING = [*_ALL, "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
"""Of one that draws maps, by software: dear, and only for what is drawn."""
PLAIN = [*_ALL, "--disable-gpu", "--disable-3d-apis", "--host-resolver-rules=MAP notes.test 127.0.0.1"]
"""Of one without WebGL, for which notes.test is this machine."""
