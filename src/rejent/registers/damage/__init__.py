"""What is wrong with acts and rows: erased or altered records, other shapes, values that no column holds."""
