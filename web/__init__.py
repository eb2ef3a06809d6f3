"""The web form and the JSON API."""
