"""What must not be told: removed on the way in, looked for before sealing."""
