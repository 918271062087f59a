"""What an operator gives: texts, certificates and keys, read however they were saved."""
