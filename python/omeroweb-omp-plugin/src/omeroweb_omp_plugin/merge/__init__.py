"""What writing pairs would change on an image, and how to take it back: plans without any input or output."""
