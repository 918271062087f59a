"""A notebook executed by papermill in this very process, without a kernel."""
