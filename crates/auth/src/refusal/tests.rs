use super::*;
use crate::testing::Knock;

#[test]
fn spec_001s_page_stops_where_trying_again_changes_nothing() {
    let page = Knock::mission_control();
    for (problem, code) in [
        (DeviceProblem::Signature, close::FINAL),
        (DeviceProblem::Id, close::POLICY),
        (DeviceProblem::Expired, close::POLICY),
        (DeviceProblem::NonceMissing, close::POLICY),
        (DeviceProblem::NonceMismatch, close::POLICY),
        (DeviceProblem::Key, close::POLICY),
    ] {
        let refusal = Refusal::device(&page.attempt(), problem);
        assert_eq!(refusal.close_code, code, "{problem:?}");
        assert_eq!(
            Refusal::device(&Knock::cli().attempt(), problem).close_code,
            close::POLICY,
            "others go by the error"
        );
        let counts = (problem == DeviceProblem::Signature).then_some(CredentialClass::DeviceSignature);
        assert_eq!(refusal.counts_as_failure, counts, "{problem:?}");
    }
}
