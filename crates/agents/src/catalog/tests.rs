use super::*;

#[test]
fn a_model_is_named_by_provider_and_model() {
    let model: ModelRef = "openrouter/openrouter/auto".parse().unwrap();
    assert_eq!(model, ModelRef::new("openrouter", "openrouter/auto"));
    assert_eq!(model.to_string(), "openrouter/openrouter/auto");
    for bad in ["", "gpt", "/gpt", "openai/", "/"] {
        let error = bad.parse::<ModelRef>().unwrap_err();
        assert!(error.to_string().contains("write it like provider/model"), "{bad:?}: {error}");
    }
}

#[test]
fn dated_ids_are_found_in_the_table() {
    for id in ["claude-haiku-4-5", "claude-haiku-4-5-20251001", "claude-haiku-4-5@20251001", "claude-haiku-4-5-latest"]
    {
        let info = ModelInfo::lookup("anthropic", id);
        assert_eq!((info.id.as_str(), info.name.as_str()), (id, "Claude Haiku 4.5"));
    }
    assert_eq!(ModelInfo::lookup("openai", "gpt-4.1-2025-04-14").name, "GPT-4.1");
    assert_eq!(ModelInfo::lookup("google", "models/gemini-2.5-pro").name, "Gemini 2.5 Pro");
}

#[test]
fn unknown_models_get_cautious_limits_and_no_cost() {
    for (provider, id) in [("anthropic", "claude-9"), ("mine", "gpt-5.4"), ("openai", "gpt-4.1-0414")] {
        let info = ModelInfo::lookup(provider, id);
        assert_eq!(info, ModelInfo::unknown(provider, id));
        assert_eq!(info.cost_usd(&Usage { input: 5, ..Usage::default() }), None);
    }
}

#[test]
fn the_cost_counts_each_kind_of_token_once() {
    let info = ModelInfo::lookup("anthropic", "claude-haiku-4-5");
    let usage =
        Usage { input: 1_000_000, output: 100_000, cache_read: 2_000_000, cache_write: 400_000, reasoning: 50_000 };
    let cost = info.cost_usd(&usage).unwrap();
    assert!((cost - (1.0 + 0.5 + 0.2 + 0.5)).abs() < 1e-9, "{cost}");
}

#[test]
fn the_table_has_no_id_twice_and_every_figure_is_sound() {
    for (at, row) in TABLE.iter().enumerate() {
        assert!(TABLE[..at].iter().all(|other| (other.provider, other.id) != (row.provider, row.id)), "{}", row.id);
        assert!(
            row.max_output < row.context_window && row.cost.0 < row.cost.1 && row.cost.2 < row.cost.0,
            "{}",
            row.id
        );
    }
}
