"""The city report: what a run published, as one page to print and as tables. Computes no statistic."""
