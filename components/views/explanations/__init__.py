"""The pieces of the explanation review: which prediction to look at, and its reasons in words, values and regions."""
