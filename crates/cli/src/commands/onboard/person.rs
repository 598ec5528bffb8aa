//! Asking whoever sits at the terminal.

use std::io::{self, BufRead, IsTerminal};

use openclaw_gateway::setup::{Kind, Step};
use serde_json::Value;

use super::initial;
use crate::{
    app::Context,
    failure::{Exit, Failure},
    output::{Text, Tone},
};

/// Whether somebody is there.
pub(super) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Shows a step and reads its answer.
pub(super) async fn asked(context: &mut Context, step: &Step) -> Result<Value, Failure> {
    let output = &mut context.output;
    output.line("")?;
    output.line(Text::toned(Tone::Strong, &step.title))?;
    output.paragraph(step.message.as_str())?;
    if step.kind == Kind::Note {
        output.flush()?;
        return Ok(Value::Null);
    }
    for (at, choice) in step.options.iter().enumerate() {
        let line = Text::from(format!("  {}. {}", at + 1, choice.label));
        output.line(match &choice.hint {
            Some(hint) => line.and_toned(Tone::Faint, format!(" ({hint})")),
            None => line,
        })?;
    }
    output.flush()?;
    loop {
        let line = read(prompt(step), step.sensitive).await?;
        if let Some(value) = understood(step, line.trim()) {
            return Ok(value);
        }
        context.output.line("That is none of the answers.")?;
        context.output.flush()?;
    }
}

fn prompt(step: &Step) -> String {
    let number = |value: &str| step.options.iter().position(|choice| choice.value == value).map(|at| at + 1);
    let preset = match (step.kind, initial(step), &step.placeholder) {
        (Kind::Confirm, ..) if step.initial_value == Some(Value::Bool(false)) => "y/N".to_owned(),
        (Kind::Confirm, ..) => "Y/n".to_owned(),
        (Kind::Select, Some(value), _) => number(&value).map_or(value, |number| number.to_string()),
        (_, Some(value), _) => value,
        (_, None, Some(placeholder)) => placeholder.clone(),
        (_, None, None) => return "> ".to_owned(),
    };
    format!("[{preset}] > ")
}

/// What a line means; `None` when it means nothing.
fn understood(step: &Step, line: &str) -> Option<Value> {
    match step.kind {
        Kind::Note => Some(Value::Null),
        _ if line.is_empty() && step.initial_value.is_some() => Some(Value::Null),
        Kind::Confirm => match line.to_ascii_lowercase().as_str() {
            "y" | "yes" => Some(true.into()),
            "n" | "no" => Some(false.into()),
            _ => None,
        },
        Kind::Select => {
            let by_number = line.parse::<usize>().ok().and_then(|number| step.options.get(number.checked_sub(1)?));
            match by_number.or_else(|| step.options.iter().find(|choice| choice.value == line)) {
                Some(choice) => Some(choice.value.as_str().into()),
                // A model may be another one than those that are listed.
                None => (step.id.starts_with("model-") && line.parse::<usize>().is_err()).then(|| line.into()),
            }
        }
        Kind::Text => Some(line.into()),
    }
}

/// A line, read on a thread of its own so that the connection goes on meanwhile.
async fn read(prompt: String, sensitive: bool) -> Result<String, Failure> {
    let reading = tokio::task::spawn_blocking(move || {
        if sensitive {
            return rpassword::prompt_password(prompt);
        }
        let mut out = io::stderr();
        io::Write::write_all(&mut out, prompt.as_bytes())?;
        io::Write::flush(&mut out)?;
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        }
    });
    let read = reading.await.unwrap_or_else(|_| Err(io::Error::other("reading died")));
    read.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Failure::new(Exit::Interrupted, "INTERRUPTED", "given up; nothing was changed"),
        _ => Failure::usage(format!("the answer cannot be read: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use openclaw_gateway::setup::Choice;
    use serde_json::json;

    use super::*;

    fn step(kind: Kind, initial_value: Option<Value>) -> Step {
        let choice = |value: &str| Choice { value: value.to_owned(), label: value.to_owned(), hint: None };
        Step {
            id: "x-1".to_owned(),
            kind,
            title: String::new(),
            message: String::new(),
            options: if kind == Kind::Select { vec![choice("loopback"), choice("lan")] } else { Vec::new() },
            initial_value,
            placeholder: None,
            sensitive: false,
            executor: "client".to_owned(),
        }
    }

    #[test]
    fn lines_are_understood_as_answers() {
        let select = step(Kind::Select, Some(json!("lan")));
        assert_eq!(prompt(&select), "[2] > ");
        assert_eq!(understood(&select, ""), Some(Value::Null));
        assert_eq!(understood(&select, "1"), Some(json!("loopback")));
        assert_eq!(understood(&select, "lan"), Some(json!("lan")));
        for bad in ["0", "3", "-1", "wan"] {
            assert_eq!(understood(&select, bad), None, "{bad}");
        }
        let confirm = step(Kind::Confirm, Some(json!(false)));
        assert_eq!((prompt(&confirm).as_str(), understood(&confirm, "Yes")), ("[y/N] > ", Some(json!(true))));
        assert_eq!(understood(&confirm, "perhaps"), None);
        assert_eq!(understood(&step(Kind::Text, None), ""), Some(json!("")));
    }
}
