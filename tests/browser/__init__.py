"""The pages in a real browser; a package, so that the browser is closed when its last test is over."""
