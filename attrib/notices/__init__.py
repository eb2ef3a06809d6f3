"""The third-party notice: what must be shipped with reproduced code, put together once, a file for each format."""
