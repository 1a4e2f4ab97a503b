"""The worked use case of mortgage applications: data, split, recipes, and the script that trains."""
