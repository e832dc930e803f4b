"""What a chart shows, the chart that suits a table, and the ways to draw it."""
