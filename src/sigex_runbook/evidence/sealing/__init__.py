"""From a draft to a sealed pack: report, PDF, statement, signature, time, ledger."""
