use super::*;

fn report() -> Report {
    let figures = |cpu, rss| Figures { cpu_ms_per_1000: Some(cpu), rss_kib: Some(rss), ..Figures::default() };
    let row = Row {
        case: "ping".into(),
        what: "cheapest call",
        figures: [(Target::Gateway, figures(8.0, 2048.0)), (Target::Limit, figures(4.0, 1024.0))].into_iter().collect(),
    };
    Report {
        command: "load".into(),
        machine: Machine::look(&std::env::temp_dir()).unwrap(),
        sizes: Sizes::default(),
        repetitions: 3,
        rows: vec![row],
    }
}

#[test]
fn the_table_has_all_servers_and_their_ratios() {
    let mut report = report();
    let lines = lines::lines(&report.rows);
    assert_eq!(lines[0], ["case", "what", "server", "CPU ms/1,000", "RSS MiB"], "empty columns are left out");
    assert_eq!(lines[1][2..], ["gateway", "8.00", "2.00"]);
    assert_eq!(lines[3][2..], ["gateway/limit", "2.00×", "2.00×"]);
    assert_eq!(lines.len(), 4);
    let reference = Figures { cpu_ms_per_1000: Some(80.0), ..Figures::default() };
    report.rows[0].figures.insert(Target::Reference, reference);
    let lines = lines::lines(&report.rows);
    assert_eq!(lines[5][2..], ["reference/gateway", "10.0×", "–"]);
    assert!(report.text().contains("missed by 33.3 %"));
    let json: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    assert_eq!(json["rows"][0]["figures"]["limit"]["cpuMsPer1000"], 4.0);
}

#[test]
fn only_the_marked_part_of_a_document_is_replaced() {
    let old = format!("# Title\n{BEGIN}\nold\n{END}\nafter\n");
    assert_eq!(replace_part(&old, "new\n").unwrap(), format!("# Title\n{BEGIN}\nnew\n{END}\nafter\n"));
    for bad in ["# Title", BEGIN, &format!("{old}{old}")] {
        assert!(replace_part(bad, "new").is_err());
    }
}

#[test]
fn a_missing_document_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("performance.md");
    report().write_markdown(&path).unwrap();
    report().write_markdown(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(folder.path().join("performance.svg").is_file() && text.contains("(performance.svg)"));
    assert!(
        text.starts_with(BEGIN) && text.contains("Command: `load`") && text.contains("| CPU of the cheapest call |")
    );
}
