//! Questions of agents, and what counts as an answer.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::shown;

/// Most questions that are answered together.
const QUESTIONS: usize = 3;
/// Most options of one.
const OPTIONS: usize = 4;
/// Most characters of a header.
const HEADER: usize = 12;
/// Most bytes of any other text.
const TEXT: usize = 4096;
/// Most things that one question is answered with.
const ANSWERS: usize = 16;

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// Its name: a lower-case letter, then letters, digits and `_`.
    pub question_id: String,
    /// At most 12 characters.
    pub header: String,
    /// The question.
    pub question: String,
    /// What can be chosen, at most four.
    pub options: Vec<Option>,
    /// Several may be chosen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multi_select: bool,
    /// Something else may be answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_other: bool,
    /// The answer is a secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_secret: bool,
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Option {
    /// What is chosen.
    pub label: String,
    /// What that means.
    #[serde(default, skip_serializing_if = "std::option::Option::is_none")]
    pub description: std::option::Option<String>,
}

/// What was answered, by question.
pub type Answers = BTreeMap<String, Vec<String>>;

/// What is wrong with questions or answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at /{at}: {what}")]
pub struct QuestionProblem {
    /// Where.
    pub at: String,
    /// What.
    pub what: String,
}

fn problem(at: impl Into<String>, what: impl Into<String>) -> QuestionProblem {
    QuestionProblem { at: at.into(), what: what.into() }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Whether these can be asked.
///
/// # Errors
/// What is wrong, and where.
pub fn check_questions(questions: &[Question]) -> Result<(), QuestionProblem> {
    if questions.is_empty() || questions.len() > QUESTIONS {
        return Err(problem("questions", format!("must hold 1 to {QUESTIONS} questions, not {}", questions.len())));
    }
    let mut names = BTreeSet::new();
    for (at, question) in questions.iter().enumerate() {
        let place = |member: &str| format!("questions/{at}/{member}");
        if !is_name(&question.question_id) {
            let what = "must be a lower-case letter, then at most 63 letters, digits and _";
            return Err(problem(place("questionId"), what));
        }
        if !names.insert(&question.question_id) {
            return Err(problem(place("questionId"), "another question has this name"));
        }
        if question.header.chars().count() > HEADER {
            return Err(problem(place("header"), format!("must have at most {HEADER} characters")));
        }
        if question.question.is_empty() || question.question.len() > TEXT {
            return Err(problem(place("question"), format!("must have 1 to {TEXT} bytes")));
        }
        if question.options.len() > OPTIONS {
            return Err(problem(place("options"), format!("must have at most {OPTIONS} options")));
        }
        if question.options.is_empty() && !question.is_other && !question.is_secret {
            return Err(problem(place("options"), "must not be empty unless isOther or isSecret is set"));
        }
        for option in &question.options {
            let long = option.description.as_ref().is_some_and(|text| text.len() > TEXT);
            if option.label.is_empty() || option.label.len() > TEXT || long {
                return Err(problem(place("options"), format!("labels must have 1 to {TEXT} bytes")));
            }
            // It is both shown and compared.
            if shown(&option.label) != option.label {
                return Err(problem(place("options"), "a label holds characters that cannot be seen"));
            }
        }
    }
    Ok(())
}

/// Whether these answer the questions: every one, with what can be chosen.
///
/// # Errors
/// What is wrong, and where.
pub fn check_answers(questions: &[Question], answers: &Answers) -> Result<(), QuestionProblem> {
    let place = |name: &str| format!("answers/answers/{name}");
    if let Some(unknown) = answers.keys().find(|name| !questions.iter().any(|question| question.question_id == **name))
    {
        return Err(problem(place(&unknown.chars().take(64).collect::<String>()), "there is no such question"));
    }
    for question in questions {
        let at = place(&question.question_id);
        let Some(given) = answers.get(&question.question_id) else {
            return Err(problem(at, "this question is not answered"));
        };
        if given.is_empty() || given.len() > ANSWERS {
            return Err(problem(at, format!("must hold 1 to {ANSWERS} answers")));
        }
        if given.len() > 1 && !question.multi_select {
            return Err(problem(at, "only one can be chosen"));
        }
        for answer in given {
            if answer.len() > TEXT {
                return Err(problem(at, format!("must have at most {TEXT} bytes")));
            }
            let free = question.is_other || question.is_secret || question.options.is_empty();
            if !free && !question.options.iter().any(|option| option.label == *answer) {
                let labels: Vec<&str> = question.options.iter().map(|option| option.label.as_str()).collect();
                return Err(problem(at, format!("must be one of: {}", labels.join(", "))));
            }
        }
    }
    Ok(())
}
