"""What the browser and programs ask for."""
