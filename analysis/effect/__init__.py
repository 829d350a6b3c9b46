"""Did the fix work? Differences in differences on auditor-adjusted ratings, judged by placebos in space."""
