"""Walks the tree: looks, decides, concludes. Knows no product, no cause and no screen."""
