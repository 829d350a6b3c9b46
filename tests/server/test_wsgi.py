"""What each web process carries."""

import subprocess
import sys

_FOR_RUNS_AND_FILES = ("scipy", "sklearn", "pyarrow", "geopandas", "cv2", "pyxform")


def test_a_web_process_loads_nothing_that_only_runs_and_files_need() -> None:
    """It would cost each of them seconds at its start, and memory for good."""
    asked = f"import sys, server.app; print(sorted(set({_FOR_RUNS_AND_FILES}) & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
