//! Ranges in the names of hosts: `rack[1:3]`, `node[01:20:2]`, `bay-[a:d]`.

/// The most hosts that one line may stand for.
const MOST: usize = 10_000;

/// The names that a pattern stands for: itself, where it has no range.
pub(super) fn expand(pattern: &str) -> Result<Vec<String>, String> {
    let Some(open) = pattern.find('[') else { return Ok(vec![pattern.to_owned()]) };
    let (head, rest) = (&pattern[..open], &pattern[open + 1..]);
    let wrong = || format!("`{pattern}` is no name of hosts: a range is written as in `node[01:20]` or `bay-[a:d]`");
    let close = rest.find(']').ok_or_else(wrong)?;
    let parts: Vec<&str> = rest[..close].split(':').collect();
    let step = match parts.get(2) {
        Some(step) => step.parse::<usize>().ok().filter(|step| *step > 0).ok_or_else(wrong)?,
        None => 1,
    };
    let (first, last) = match parts.as_slice() {
        [first, last] | [first, last, _] => (*first, *last),
        _ => return Err(wrong()),
    };
    let middles: Vec<String> = if let (Ok(from), Ok(to)) = (first.parse::<usize>(), last.parse::<usize>()) {
        let width = if first.starts_with('0') { first.len() } else { 0 };
        (from..=to).step_by(step).take(MOST + 1).map(|number| format!("{number:0width$}")).collect()
    } else {
        let letter = |text: &str| match text.as_bytes() {
            [letter] if letter.is_ascii_alphabetic() => Ok(*letter),
            _ => Err(wrong()),
        };
        (letter(first)?..=letter(last)?).step_by(step).map(|letter| char::from(letter).to_string()).collect()
    };
    let tails = expand(&rest[close + 1..])?;
    if middles.is_empty() {
        return Err(wrong());
    }
    if middles.len().saturating_mul(tails.len()) > MOST {
        return Err(format!("`{pattern}` stands for more than {MOST} hosts"));
    }
    Ok(middles.iter().flat_map(|middle| tails.iter().map(move |tail| format!("{head}{middle}{tail}"))).collect())
}
