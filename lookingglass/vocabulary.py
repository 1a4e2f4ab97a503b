"""The words of the product: what each metric is called, asks and hides, and what the terms on screen mean.

Screens, reports and the glossary read the same rows. Knows nothing of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["higher", "lower", "neither"]
Unit = Literal["rate", "score", "cost"]


@dataclass(frozen=True)
class MetricWords:
    """How one metric is spoken of.

    Attributes:
        label: its short name, for column headers and axes.
        question: the question that it answers, in a product owner's words.
        definition: one sentence that defines the number.
        direction: which way is better; *neither* where it depends on what is wanted.
        best: the value of a candidate that makes no mistake, None where there is none.
        unit: a *rate* is shown in per cent with its count, a *score* with three decimals, a *cost* in money.
        hides: what the number does not tell, to be read before it is trusted.
    """

    label: str
    question: str
    definition: str
    direction: Direction
    best: float | None
    unit: Unit
    hides: str


METRIC_WORDS: dict[str, MetricWords] = {
    "roc_auc": MetricWords(
        "AUC",
        "How well does it rank a positive above a negative?",
        "The probability that a positive drawn by chance scores above a negative drawn by chance, ties counted half.",
        "higher",
        1.0,
        "score",
        "It averages over all thresholds, most of which nobody would use, and says nothing of how trustworthy a single "
        "score is as a probability.",
    ),
    "average_precision": MetricWords(
        "Average precision",
        "How clean is the top of its list?",
        "The precision at each positive's score, averaged over the positives.",
        "higher",
        1.0,
        "score",
        "Its floor is the share of positives, so it cannot be compared between test sets with different shares.",
    ),
    "accuracy": MetricWords(
        "Accuracy",
        "How often is it right?",
        "The share of all examples that get the right answer.",
        "higher",
        1.0,
        "rate",
        "Where positives are rare, answering no to everybody looks good; it weighs both kinds of mistake alike.",
    ),
    "balanced_accuracy": MetricWords(
        "Balanced accuracy",
        "How often is it right, if both classes counted the same?",
        "The mean of recall and specificity.",
        "higher",
        1.0,
        "score",
        "It treats both classes as equally common, which they hardly ever are where the answers are used.",
    ),
    "precision": MetricWords(
        "Precision",
        "When it says yes, how often is that right?",
        "The share of positives among those answered yes.",
        "higher",
        1.0,
        "rate",
        "It says nothing of the positives that were missed, and it falls when positives become rarer.",
    ),
    "recall": MetricWords(
        "Recall",
        "How many of the positives does it find?",
        "The share of positives that are answered yes; also called true positive rate.",
        "higher",
        1.0,
        "rate",
        "Answering yes to everybody makes it perfect.",
    ),
    "false_positive_rate": MetricWords(
        "False positive rate",
        "How many of the negatives are wrongly answered yes?",
        "The share of negatives that are answered yes.",
        "lower",
        0.0,
        "rate",
        "Where negatives are common, even a small rate can mean more false than true yes answers.",
    ),
    "false_negative_rate": MetricWords(
        "False negative rate",
        "How many of the positives are missed?",
        "The share of positives that are answered no: 1 - recall.",
        "lower",
        0.0,
        "rate",
        "Answering yes to everybody makes it perfect.",
    ),
    "specificity": MetricWords(
        "Specificity",
        "How many of the negatives are rightly answered no?",
        "The share of negatives that are answered no: 1 - false positive rate.",
        "higher",
        1.0,
        "rate",
        "Answering no to everybody makes it perfect.",
    ),
    "selection_rate": MetricWords(
        "Selection rate",
        "How many does it answer yes?",
        "The share of all examples that are answered yes.",
        "neither",
        None,
        "rate",
        "It does not ask whether the answers are right.",
    ),
    "f1": MetricWords(
        "F1",
        "Does it find the positives without crying wolf?",
        "The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN).",
        "higher",
        1.0,
        "score",
        "It ignores the negatives that were answered rightly and weighs a miss and a false alarm alike.",
    ),
    "f_beta": MetricWords(
        "F-beta",
        "Does it find the positives without crying wolf, where a find counts beta times as much?",
        "The weighted harmonic mean of precision and recall, in which recall counts beta times as much.",
        "higher",
        1.0,
        "score",
        "Its beta is a choice about costs that is hard to put in money; figures with different betas do not compare.",
    ),
    "mcc": MetricWords(
        "MCC",
        "How closely do its answers follow the labels?",
        "Matthews correlation coefficient: the correlation between answer and label, from -1 to 1, 0 for chance.",
        "higher",
        1.0,
        "score",
        "It has no everyday meaning, and it does not say which kind of mistake was made.",
    ),
    "brier": MetricWords(
        "Brier score",
        "How far are its scores from what happened?",
        "The mean squared distance between score and label, 1 for positive and 0 otherwise.",
        "lower",
        0.0,
        "score",
        "Rare positives make it small by themselves: compare it with the baseline's. It mixes ranking and calibration.",
    ),
    "log_loss": MetricWords(
        "Log loss",
        "How surprised is it by what happened?",
        "The mean of -log of the probability that it gave to the true label.",
        "lower",
        0.0,
        "score",
        "A few certain and wrong scores can make up most of it; scores of exactly 0 and 1 are clipped.",
    ),
    "cost_per_example": MetricWords(
        "Cost per example",
        "What does it cost us, per case?",
        "The agreed costs of wrong answers minus the agreed gains of right ones, per example.",
        "lower",
        None,
        "cost",
        "It is as good as the agreed costs, and as what is taken for the share of positives in real use.",
    ),
}
"""How each metric is spoken of, in the order in which tables show them."""


WORDS: dict[str, str] = {
    "workspace": "One use case: a task, its living test set, its candidates, its ledger.",
    "example": "One input with, perhaps, a label: a row, a text or pair of texts, an image.",
    "origin": "Where an example comes from: a sample or a pattern.",
    "sample": "An example drawn from real use, so it speaks for how common things are, for costs and for fairness.",
    "pattern": "An example written to describe a problem, so it does not speak for how common anything is.",
    "label": "What was really so, as far as anybody knows: the answer that a candidate should have given.",
    "living test set": "All examples over time. It grows and is corrected while candidates come and go.",
    "version": "The living test set after its nth change. Every version can be read again.",
    "digest": "A short fingerprint of everything in a version: two that agree hold the same examples.",
    "candidate": "One model under evaluation, known by its fingerprint.",
    "fingerprint": "A hash over a candidate's model files, format, inputs and classes; another model has another.",
    "baseline": "A candidate that answers the share of positives for everybody; a model must beat it.",
    "score": "A candidate's predicted probability of the positive class for one example, 0 to 1.",
    "threshold": "The score at or above which the answer is yes.",
    "evaluation": "One candidate on one test-set version.",
    "metric": "A named figure with its direction and best value.",
    "interval": "The range that holds the true value in 95 of 100 repetitions with new samples of the same size.",
    "slice": "A named subset of examples: a group, an intersection of groups, a problem, a property of the text.",
    "problem": "What a stakeholder would call a bug: a name, a description and 10 to 20 test patterns that show it.",
    "decision": "An agreed metric and threshold with costs, limits, people and reason.",
    "review": "A client's verdict on one explanation.",
    "policy": "Limits agreed before looking: fairness limits, smallest groups, what a release must meet.",
    "sign-off": "A named person's dated approval or refusal of one candidate at one threshold on one version.",
    "ledger": "The record of everything that people did, in order, to which entries are only ever added.",
    "undefined": "A figure for which there is nothing to count, such as recall without positives. It is never 0.",
    "could be chance": "A difference whose interval holds 0: a new sample of the same size might turn it round.",
    "more than chance": "A difference whose interval leaves out 0 and whose test, if any, agrees (p < 5 %).",
}
"""What the terms on screen mean, one or two sentences each."""
