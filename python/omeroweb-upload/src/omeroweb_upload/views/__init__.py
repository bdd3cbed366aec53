"""What browsers and tus clients talk to."""
