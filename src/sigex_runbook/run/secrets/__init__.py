"""What a run keeps to itself: known from the order, overheard on the way, told to the sealer."""
