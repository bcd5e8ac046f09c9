"""Inter-country input-output tables and their Leontief system."""
