"""A pack in the forms that other programs read: OSCAL and RO-Crate."""
