"""What a query takes from each key, by more than its attention: one function for each measure."""
