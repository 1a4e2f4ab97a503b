"""The pieces of the page Candidates: who is compared, in which state, from where; adding and describing them."""
