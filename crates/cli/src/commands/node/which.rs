//! `system.which` on this node.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path};

/// Names that are looked for at once.
pub(super) const BINS: usize = 256;
/// Where programs are when nobody says.
const USUAL: &str = "/usr/local/bin:/usr/bin:/bin";

/// Where these programs are, by name; those that are not there are left out. Looks at the disk.
pub(super) fn which(bins: &[String], path: Option<&str>) -> BTreeMap<String, String> {
    let found = |name: &String| Some((name.clone(), find(name, path.unwrap_or(USUAL))?));
    bins.iter().filter_map(found).collect()
}

fn find(name: &str, path: &str) -> Option<String> {
    if name.is_empty() || name.contains(['/', '\0']) {
        return None;
    }
    // Relative folders would make the answer depend on where this was started.
    let folders = path.split(':').map(Path::new).filter(|folder| folder.is_absolute());
    let executable =
        |file: &Path| fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    let file = folders.map(|folder| folder.join(name)).find(|file| executable(file))?;
    Some(file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_in_the_path_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, mode: u32| {
            let file = folder.path().join(name);
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        };
        file("tool", 0o755);
        file("text", 0o644);
        fs::create_dir(folder.path().join("folder")).unwrap();
        let path = format!("relative:{}", folder.path().display());
        let bins = ["tool", "text", "folder", "../tool", "", "absent"].map(str::to_owned);
        let found = which(&bins, Some(&path));
        assert_eq!(found.keys().collect::<Vec<_>>(), ["tool"]);
        assert_eq!(found["tool"], folder.path().join("tool").display().to_string());
    }
}
