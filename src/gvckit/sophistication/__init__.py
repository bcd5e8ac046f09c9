"""Export sophistication, economic complexity, revealed advantage, quality, diversification."""
