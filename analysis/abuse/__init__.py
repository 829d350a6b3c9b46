"""What is hardly honest: audits that cannot be, crowds of new devices, auditors whom nobody agrees with."""
