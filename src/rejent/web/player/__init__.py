"""An open viewing, whatever is shown of it: axis, timeline, month, who is there."""
