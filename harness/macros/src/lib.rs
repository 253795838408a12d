//! The attribute that registers a conformance test.

use proc_macro::TokenStream;
use proc_macro2::{Span, TokenStream as Tokens};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprArray, FnArg, Ident, ItemFn, Lit, LitInt, LitStr, Pat, Result, Token};

/// Registers an `async fn(cx: &Cx) -> Outcome` as a conformance test.
///
/// | key | value |
/// |---|---|
/// | `id` | its name: lower-case words joined by `-`, at least two parts joined by `.`; or that of a test case of the Sovereign Cloud Stack, as it is there |
/// | `spec` | `document#section` of the API's documentation |
/// | `covers` | the UUID of the published test it covers |
/// | `cases` | in the place of `id` and `covers`: several tests that differ in their arguments, each `(id, covers, argument, …)` |
/// | `needs` | what a deployment and its user must offer: values of `assay_kit::Need` |
/// | `holds` | named limits it takes while it runs: values of `assay_kit::Limit` |
/// | `shares` | the keys of what it shares with others (`Cx::shared`), so that it can be removed after the last of them |
/// | `seconds` | how long it is expected to take, when that is more than one second; the longest start first |
/// | `timeout` | after how many seconds it is given up, when the run's own setting is too short |
///
/// A test with a second parameter, `redfish: &Redfish`, is called for each Redfish service under test; one with a third
/// parameter for each system of each service: those that tests may change (`machine: &RedfishMachine`), or those that they
/// read (`system: &Json`). The worst outcome is the test's.
///
/// With `cases`, the function has a parameter behind `cx` for each argument. `{name}` in the doc comment stands for the argument
/// of the parameter of that name, where that is a text: `each image must have {property}`.
///
/// The doc comment is part of the test: it says what is done and what is required, and reports print it.
#[proc_macro_attribute]
pub fn conformance(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = syn::parse_macro_input!(arguments as Arguments);
    let function = syn::parse_macro_input!(item as ItemFn);
    expand(&arguments, &function).unwrap_or_else(|error| error.to_compile_error()).into()
}

#[derive(Default)]
struct Arguments {
    id: Option<LitStr>,
    spec: Option<LitStr>,
    covers: Option<LitStr>,
    cases: Option<Vec<Case>>,
    needs: Option<ExprArray>,
    holds: Option<ExprArray>,
    shares: Option<ExprArray>,
    seconds: Option<LitInt>,
    timeout: Option<LitInt>,
}

struct Argument(Ident, Expr);

/// One of several tests that a function is.
#[derive(Clone)]
struct Case {
    id: LitStr,
    covers: LitStr,
    /// What the function is called with, behind `cx`.
    arguments: Vec<Expr>,
}

impl Parse for Argument {
    fn parse(input: ParseStream) -> Result<Self> {
        let key = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self(key, input.parse()?))
    }
}

impl Parse for Arguments {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut arguments = Self::default();
        for Argument(key, value) in Punctuated::<Argument, Token![,]>::parse_terminated(input)? {
            match key.to_string().as_str() {
                "id" => arguments.id = Some(text(value)?),
                "spec" => arguments.spec = Some(text(value)?),
                "covers" => arguments.covers = Some(text(value)?),
                "cases" => arguments.cases = Some(cases(value)?),
                "needs" => arguments.needs = Some(array(value)?),
                "holds" => arguments.holds = Some(array(value)?),
                "shares" => arguments.shares = Some(array(value)?),
                "seconds" => arguments.seconds = Some(number(value)?),
                "timeout" => arguments.timeout = Some(number(value)?),
                _ => {
                    return Err(Error::new(
                        key.span(),
                        "unknown key: one of id, spec, covers, cases, needs, holds, shares, seconds, timeout",
                    ));
                }
            }
        }
        Ok(arguments)
    }
}

fn text(value: Expr) -> Result<LitStr> {
    match value {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        other => Err(Error::new(other.span(), "a string literal is needed")),
    }
}

fn number(value: Expr) -> Result<LitInt> {
    match value {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. }) => Ok(number),
        other => Err(Error::new(other.span(), "a whole number of seconds is needed")),
    }
}

fn array(value: Expr) -> Result<ExprArray> {
    match value {
        Expr::Array(array) => Ok(array),
        other => Err(Error::new(other.span(), "an array such as [Identity] is needed")),
    }
}

fn cases(value: Expr) -> Result<Vec<Case>> {
    let case = |value: Expr| match value {
        Expr::Tuple(tuple) if tuple.elems.len() > 2 => {
            let mut elements = tuple.elems.into_iter();
            let mut next = || elements.next().ok_or_else(|| Error::new(Span::call_site(), "a case is too short"));
            let (id, covers) = (text(next()?)?, text(next()?)?);
            Ok(Case { id, covers, arguments: elements.collect() })
        }
        other => Err(Error::new(other.span(), "a case is `(\"its-id\", \"its-uuid\", argument, …)`")),
    };
    array(value)?.elems.into_iter().map(case).collect()
}

/// The tests that a function is: its cases, or the one that `id` and `covers` name.
fn tests_of(arguments: &Arguments, function: &ItemFn) -> Result<Vec<Case>> {
    let missing = |key: &str| Error::new(Span::call_site(), format!("`{key}` is missing"));
    let Some(cases) = &arguments.cases else {
        let id = arguments.id.clone().ok_or_else(|| missing("id"))?;
        let covers = arguments.covers.clone().ok_or_else(|| missing("covers"))?;
        return Ok(vec![Case { id, covers, arguments: Vec::new() }]);
    };
    if let Some(other) = arguments.id.as_ref().or(arguments.covers.as_ref()) {
        return Err(Error::new(other.span(), "each of the `cases` has an id and a UUID of its own"));
    }
    let parameters = function.sig.inputs.len();
    if let Some(case) = cases.iter().find(|case| case.arguments.len() + 1 != parameters) {
        let what = format!("the function takes {} arguments behind `cx`", parameters.saturating_sub(1));
        return Err(Error::new(case.id.span(), what));
    }
    Ok(cases.clone())
}

fn expand(arguments: &Arguments, function: &ItemFn) -> Result<Tokens> {
    let missing = |key: &str| Error::new(Span::call_site(), format!("`{key}` is missing"));
    let tests = tests_of(arguments, function)?;
    let spec = arguments.spec.as_ref().ok_or_else(|| missing("spec"))?;
    let needs = arguments.needs.as_ref().ok_or_else(|| missing("needs"))?;
    for Case { id, covers, .. } in &tests {
        let form =
            "an id is lower-case words joined by `-`, in two or more parts joined by `.`, or one of SCS: `scs-0100-…`";
        check(id, is_id, form)?;
        check(covers, is_uuid, "a UUID is 32 lower-case hexadecimal digits in groups of 8-4-4-4-12, without `id-`")?;
    }
    check(spec, is_spec, "a reference is `document#section`")?;

    let doc = doc(&function.attrs);
    if doc.is_empty() {
        return Err(Error::new(
            function.sig.ident.span(),
            "a conformance test needs a doc comment that says what is done and what is required",
        ));
    }
    if function.sig.asyncness.is_none() {
        return Err(Error::new(function.sig.span(), "a conformance test is an async fn"));
    }
    let holds = arguments.holds.as_ref().map_or_else(Vec::new, |holds| holds.elems.iter().collect());
    let shares = arguments.shares.as_ref().map_or_else(Vec::new, |shares| shares.elems.iter().collect());
    let needs: Vec<&Expr> = needs.elems.iter().collect();
    let seconds = arguments.seconds.as_ref().map_or_else(|| quote!(1), |seconds| quote!(#seconds));
    let timeout = arguments.timeout.as_ref().map_or_else(|| quote!(None), |timeout| quote!(Some(#timeout)));
    let mut registered = Tokens::new();
    for test in &tests {
        let Case { id, covers, .. } = test;
        let (doc, call) = (doc_of(&doc, test, function), call(test, function)?);
        registered.extend(quote! {
            ::assay_kit::inventory::submit! {
                ::assay_kit::ConformanceTest {
                    id: #id,
                    doc: #doc,
                    spec: #spec,
                    covers: #covers,
                    needs: {
                        #[allow(unused_imports)]
                        use ::assay_kit::Need::*;
                        &[#(#needs),*]
                    },
                    holds: {
                        #[allow(unused_imports)]
                        use ::assay_kit::Limit::*;
                        &[#(#holds),*]
                    },
                    shares: &[#(#shares),*],
                    seconds: #seconds,
                    timeout: #timeout,
                    run: |cx| ::std::boxed::Box::pin(async move { #call }),
                }
            }
        });
    }
    Ok(quote! {
        // A test that only looks at what was read for it waits for nothing.
        #[allow(clippy::unused_async)]
        #function

        #registered
    })
}

/// The doc comment of one of several tests, with its arguments in their places.
fn doc_of(doc: &str, test: &Case, function: &ItemFn) -> String {
    let names = function.sig.inputs.iter().skip(1).map(parameter);
    names.zip(&test.arguments).fold(doc.to_owned(), |doc, (name, argument)| match argument {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => doc.replace(&format!("{{{name}}}"), &text.value()),
        _ => doc,
    })
}

/// How the test is called, by its parameters.
fn call(test: &Case, function: &ItemFn) -> Result<Tokens> {
    let name = &function.sig.ident;
    if !test.arguments.is_empty() {
        let arguments = &test.arguments;
        return Ok(quote!(#name(&cx, #(#arguments),*).await));
    }
    let parameters: Vec<String> = function.sig.inputs.iter().map(parameter).collect();
    let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
    let each = match parameters.as_slice() {
        ["cx"] => return Ok(quote!(#name(&cx).await)),
        ["cx", "redfish"] => quote!(worst.add(#name(&cx, &redfish).await)),
        ["cx", "redfish", of @ ("machine" | "system")] => {
            let (systems, each) = match *of {
                "machine" => (
                    quote!(redfish.machines()),
                    quote! {
                        match redfish.machine_to_change(&cx, system).await {
                            Ok(machine) => #name(&cx, &redfish, &machine).await,
                            Err(stop) => Err(stop),
                        }
                    },
                ),
                _ => (quote!(redfish.systems_to_read()), quote!(#name(&cx, &redfish, system).await)),
            };
            quote! {
                match #systems.await {
                    Ok(systems) => {
                        for system in &systems {
                            worst.add(#each);
                        }
                    }
                    Err(stop) => worst.add(Err(stop)),
                }
            }
        }
        _ => {
            let what = "a conformance test takes `cx: &Cx`, for each Redfish service `redfish: &Redfish`, and for each of its \
                        systems `machine: &RedfishMachine` or `system: &Json`; with `cases`, one more for each argument";
            return Err(Error::new(function.sig.inputs.span(), what));
        }
    };
    Ok(quote! {{
        let mut worst = ::assay_kit::Worst::default();
        for redfish in cx.redfish() {
            match redfish {
                Ok(redfish) => #each,
                Err(stop) => worst.add(Err(stop)),
            }
        }
        worst.outcome()
    }})
}

/// The name of a parameter, without the underscore of one that is not used.
fn parameter(input: &FnArg) -> String {
    match input {
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pattern) => pattern.ident.to_string().trim_start_matches('_').to_owned(),
            _ => String::new(),
        },
        FnArg::Receiver(_) => String::new(),
    }
}

fn check(literal: &LitStr, holds: fn(&str) -> bool, otherwise: &str) -> Result<()> {
    if holds(&literal.value()) { Ok(()) } else { Err(Error::new(literal.span(), otherwise)) }
}

/// Whether this is a name of this project, or one that a test case of the Sovereign Cloud Stack has there.
fn is_id(id: &str) -> bool {
    let word = |part: &str, also: &[u8]| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || also.contains(&byte);
        !part.is_empty() && part.bytes().all(fits) && !part.starts_with('-') && !part.ends_with('-')
    };
    let theirs = |rest: &str| {
        let number = rest.split('-').next().unwrap_or_default();
        number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()) && rest.len() > 5 && word(rest, b"-_")
    };
    match id.strip_prefix("scs-") {
        Some(rest) if !id.contains('.') => theirs(rest),
        _ => id.contains('.') && id.split('.').all(|part| word(part, b"-")),
    }
}

fn is_spec(spec: &str) -> bool {
    matches!(spec.split_once('#'), Some((document, section)) if !document.is_empty() && !section.is_empty())
}

fn is_uuid(uuid: &str) -> bool {
    let groups: Vec<&str> = uuid.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The doc comment, a line for each line, without the space that follows the slashes.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let lines = lines.filter_map(|attribute| match &attribute.meta.require_name_value().ok()?.value {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(line), .. }) => Some(line.value()),
        _ => None,
    });
    let lines: Vec<String> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect();
    lines.join("\n").trim().to_owned()
}
