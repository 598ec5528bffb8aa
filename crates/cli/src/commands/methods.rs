//! `openclaw methods`

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    app::Context,
    ask::once,
    failure::Done,
    output::{Column, Table, Text, Tone},
    reach::Target,
};

/// Tell what a gateway can be asked
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw methods                       every method that you may call
  openclaw methods sessions              those of one family
  openclaw methods sessions.preview      one method, with an example
  openclaw call sessions.preview --params '{\"keys\": [\"agent:main:main\"]}'")]
pub(crate) struct Methods {
    #[command(flatten)]
    target: Target,
    /// A method, or the first word of some
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<&'a str>,
}

#[derive(Serialize)]
struct Described<'a> {
    method: &'a str,
}

/// The reply of `methods.list`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    methods: Vec<Method>,
}

/// What a method is, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Method {
    name: String,
    about: String,
    scope: Option<String>,
    unavailable: Option<String>,
    repeat: String,
    params: Value,
    example: Option<Value>,
}

impl Method {
    fn needs(&self) -> &str {
        self.scope.as_deref().map_or("-", |scope| scope.strip_prefix("operator.").unwrap_or(scope))
    }

    fn about(&self) -> Text {
        match &self.unavailable {
            None => Text::from(&self.about),
            Some(why) => Text::from(&self.about).and(" ").and_toned(Tone::Warning, format!("Not yet: {why}.")),
        }
    }

    /// The parameters, each with whether it must be there.
    fn parameters(&self) -> Table {
        let mut table = Table::new([Column::whole("PARAMETER"), Column::whole("NEEDED"), Column::words("WHAT IT IS")]);
        let required: Vec<&str> =
            self.params["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in self.params["properties"].as_object().into_iter().flatten() {
            let about = property["description"].as_str().unwrap_or("-");
            if about == "Understood and not needed." {
                continue;
            }
            let needed = if required.contains(&name.as_str()) { "yes" } else { "-" };
            table.row([Text::from(name), needed.into(), Text::from(about)]);
        }
        table
    }
}

impl Methods {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.name.as_deref() {
            Some(name) if name.contains('.') || name.contains('-') => self.describe(context, name).await,
            family => self.list(context, family).await,
        }
    }

    async fn list(&self, context: &mut Context, family: Option<&str>) -> Done {
        let answer = once::<Known>(context, &self.target, "methods.list", Listed { family }).await?;
        if let (Some(name), true) = (family, answer.read.methods.is_empty()) {
            // A method whose name is one word.
            return self.describe(context, name).await;
        }
        answer.show(&mut context.output, |output, known| {
            let mut table =
                Table::new([Column::whole("METHOD"), Column::whole("SCOPE"), Column::words("WHAT IT DOES")]);
            for method in &known.methods {
                table.row([Text::from(&method.name), method.needs().into(), method.about()]);
            }
            output.table(&table)
        })
    }

    async fn describe(&self, context: &mut Context, method: &str) -> Done {
        let answer = once::<Method>(context, &self.target, "methods.describe", Described { method }).await?;
        answer.show(&mut context.output, |output, method| {
            output.paragraph(method.about())?;
            output.line("")?;
            output.facts([("scope", method.needs().into()), ("repeating", Text::from(&method.repeat))])?;
            output.line("")?;
            output.table(&method.parameters())?;
            if let Some(example) = &method.example {
                output.line("")?;
                output.line(format!("openclaw call {} --params '{example}'", method.name))?;
            }
            Ok(())
        })
    }
}
