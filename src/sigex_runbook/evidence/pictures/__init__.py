"""Pictures of the screen: annotated, framed, stored."""
