"""Pages of cases: the list, entering an application, one case, the decision."""
