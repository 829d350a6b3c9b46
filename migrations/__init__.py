"""Schema migrations, run by `safeaudit migrate`."""
