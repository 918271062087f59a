"""What a batch came to, as a page for readers and a file for programs: derived, proving nothing."""
