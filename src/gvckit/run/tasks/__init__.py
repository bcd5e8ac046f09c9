"""What steps call: each task turns stored inputs and parameters into one result of a room."""
