"""Views, pages and errors as every plugin does them."""
