"""What is true of every run and touches nothing: guide, order, settings, plan, record, verdict."""
