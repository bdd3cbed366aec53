"""Help from language models: what leaves the site, to whom, and what becomes of the answer. Needs no Django."""
