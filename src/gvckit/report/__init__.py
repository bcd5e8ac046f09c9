"""Tables, figures and the report card."""
