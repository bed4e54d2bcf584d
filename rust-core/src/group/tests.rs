// Commits and proposals about components that this core never makes, from a member who uses OpenMLS without it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::rc::Rc;

use openmls::component::ComponentData;
use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;

use super::{Group, NewCommit, NewGroup};
use crate::error::{Code, Error};
use crate::hub_group::HubGroup;
use crate::identity::Identity;
use crate::key_package;
use crate::provider::Provider;
use crate::request::Request;

const NAME: u16 = 0x8001;
const OTHER: u16 = 0x8002;

fn identity(name: &str) -> Identity {
    Identity::create(Rc::new(Provider::default()), 1, 1, name.as_bytes()).unwrap()
}

/// A room with one component, whose first member created it.
fn room<const N: usize>(names: [&str; N]) -> [Rc<Group>; N] {
    let people = names.map(identity);
    // A request of ts/mls/group_options.ts: public handshakes, no lifetime, one component; of what is required only
    // the dictionary, so that OpenMLS itself lets GroupContextExtensions touch it.
    let required = b"\x01\x01\0\0\0\x06\0\0\0\0\0\0\0\0\0\0";
    let options = [&b"\0\0\x01\x01\0\0\0\x01\x80\x06\0\0\0before"[..], required].concat();
    let founder = people[0].clone();
    let founder = Group::create(founder, b"room", NewGroup::read(&options).unwrap()).unwrap();
    let packages: Vec<Vec<u8>> = people[1..]
        .iter()
        .map(|one| {
            key_package::create(one, false, Lifetime::default())
                .unwrap()
                .0
        })
        .collect();
    let add = packages.iter().map(Vec::as_slice).collect();
    let new = NewCommit::new(add, &[], false, b"", 0, b"").unwrap();
    let made = founder.commit(&new).unwrap();
    founder.accept_pending().unwrap();
    let welcome = Request::read(&made, |made| {
        made.bytes()?;
        let welcome = made.optional(Request::bytes)?;
        made.bytes()?;
        made.bytes()?;
        made.u64()?;
        Ok(welcome.unwrap())
    })
    .unwrap();
    let tree = founder.ratchet_tree().unwrap();
    let mut all = people.iter().enumerate().map(|(index, one)| match index {
        0 => Rc::clone(&founder),
        _ => Group::join(Rc::clone(&one.provider), welcome, Some(&tree), false).unwrap(),
    });
    std::array::from_fn(|_| all.next().unwrap())
}

fn hub_of(group: &Group) -> HubGroup {
    HubGroup::track(&group.group_info().unwrap(), &group.ratchet_tree().unwrap()).unwrap()
}

/// The MLSMessage of an AppDataUpdate by itself.
fn propose(by: &Group, id: u16, update: Option<&[u8]>) -> Vec<u8> {
    let mut state = by.state.borrow_mut();
    let signer = state.signer().unwrap();
    let operation = match update {
        Some(update) => AppDataUpdateOperation::Update(update.into()),
        None => AppDataUpdateOperation::Remove,
    };
    let (message, _) = state
        .mls
        .propose_app_data_update(by.provider.as_ref(), signer.as_ref(), id, operation)
        .unwrap();
    message.tls_serialize_detached().unwrap()
}

/// The MLSMessage of a commit over what waits and these proposals, after which the components have these contents.
fn commit(by: &Group, own: Vec<Proposal>, contents: &[(u16, Option<&[u8]>)]) -> Vec<u8> {
    let mut state = by.state.borrow_mut();
    let signer = state.signer().unwrap();
    let provider = by.provider.as_ref();
    let mut builder = state
        .mls
        .commit_builder()
        .add_proposals(own)
        .load_psks(provider.storage())
        .unwrap();
    let mut updater = builder.app_data_dictionary_updater();
    for (id, value) in contents {
        match value {
            Some(value) => updater.set(ComponentData::from_parts(*id, (*value).into())),
            None => updater.remove(id),
        }
    }
    let updates = updater.changes();
    builder.with_app_data_dictionary_updates(updates);
    let bundle = builder
        .build(provider.rand(), provider.crypto(), signer.as_ref(), |_| {
            true
        })
        .unwrap()
        .stage_commit(provider)
        .unwrap();
    bundle.commit().tls_serialize_detached().unwrap()
}

fn update(id: u16, update: &[u8]) -> Proposal {
    Proposal::AppDataUpdate(Box::new(AppDataUpdateProposal::update(id, update)))
}

fn remove(id: u16) -> Proposal {
    Proposal::AppDataUpdate(Box::new(AppDataUpdateProposal::remove(id)))
}

/// What somebody is asked about: of each component its id, and each update with the leaf of who wants it.
type Question = Vec<(u16, Vec<(Option<Vec<u8>>, u32)>)>;

fn question(answer: &[u8], is_hub: bool) -> Question {
    Request::read(answer, |answer| {
        assert!(answer.bool()?);
        if is_hub {
            answer.u32()?;
        }
        answer.list(|answer| {
            let id = answer.u16()?;
            answer.optional(Request::bytes)?;
            let updates = answer.list(|answer| {
                let update = answer.optional(Request::bytes)?.map(<[u8]>::to_vec);
                assert!(!answer.bool()?, "a member");
                let leaf = answer.u32()?;
                answer.u16()?;
                answer.bytes()?;
                Ok((update, leaf))
            })?;
            Ok((id, updates))
        })
    })
    .unwrap()
}

/// A request of ts/mls/components.ts.
fn answer(values: &[(u16, Option<&[u8]>)]) -> Vec<u8> {
    let mut request = crate::reply::Reply::new();
    request.list(values, |request, (id, value)| {
        request.u16(*id).optional(*value, |request, value| {
            request.bytes(value);
        });
    });
    request.done()
}

fn refusal<T>(outcome: Result<T, Error>) -> (Code, String) {
    match outcome {
        Ok(_) => panic!("not refused"),
        Err(error) => (error.code, error.rule),
    }
}

#[test]
fn a_change_that_waits_is_asked_about_in_its_senders_name_and_makes_own_commits_impossible() {
    let [alice, bob, carol] = room(["alice", "bob", "carol"]);
    let hub = hub_of(&alice);
    let proposal = propose(&bob, NAME, Some(b"bob's"));
    for member in [&alice, &carol] {
        member.process(&proposal, None).unwrap();
    }
    let staged = hub.process(&proposal).unwrap();
    assert!(!staged.is_empty());
    hub.apply(1).unwrap();

    let new = NewCommit::new(Vec::new(), &[], true, b"", 0, b"").unwrap();
    assert_eq!(refusal(alice.commit(&new)).0, Code::InvalidProposal);

    let values = [(NAME, Some(&b"both"[..])), (OTHER, Some(b"carol's"))];
    let own = vec![update(NAME, b"carol's"), update(OTHER, b"carol's")];
    let commit = commit(&carol, own, &values);
    let expected = vec![
        (
            NAME,
            vec![(Some(b"bob's".to_vec()), 1), (Some(b"carol's".to_vec()), 2)],
        ),
        (OTHER, vec![(Some(b"carol's".to_vec()), 2)]),
    ];
    assert_eq!(
        question(&alice.process(&commit, None).unwrap(), false),
        expected
    );
    assert_eq!(question(&hub.process(&commit).unwrap(), true), expected);
    alice.process(&commit, Some(&answer(&values))).unwrap();
    alice.accept(1).unwrap();
    hub.resolve(2, &answer(&values)).unwrap();
    hub.apply(3).unwrap();
    assert_eq!(alice.component(NAME).unwrap(), Some(b"both".to_vec()));
    assert_eq!(alice.group_context().unwrap(), hub.group_context().unwrap());
    alice.commit(&new).unwrap();
}

#[test]
fn who_discards_a_change_that_waits_can_commit_again() {
    let [alice, bob] = room(["alice", "bob"]);
    let proposal = propose(&bob, NAME, None);
    alice.process(&proposal, None).unwrap();
    alice.clear_proposals().unwrap();
    let new = NewCommit::new(Vec::new(), &[], true, b"", 0, b"").unwrap();
    alice.commit(&new).unwrap();
}

#[test]
fn a_commit_that_repeats_what_waits_in_its_own_name_is_refused() {
    let [alice, bob, carol] = room(["alice", "bob", "carol"]);
    let hub = hub_of(&alice);
    let proposal = propose(&bob, NAME, Some(b"bob's"));
    alice.process(&proposal, None).unwrap();
    hub.process(&proposal).unwrap();
    hub.apply(1).unwrap();
    let values = [(NAME, Some(&b"bob's"[..]))];
    let commit = commit(&carol, vec![update(NAME, b"bob's")], &values);
    let expected = vec![(NAME, vec![(Some(b"bob's".to_vec()), 1)])];
    assert_eq!(
        question(&alice.process(&commit, None).unwrap(), false),
        expected
    );
    let repeated = (Code::InvalidCommit, "a repeated AppDataUpdate".to_owned());
    assert_eq!(
        refusal(alice.process(&commit, Some(&answer(&values)))),
        repeated
    );
    hub.process(&commit).unwrap();
    assert_eq!(refusal(hub.resolve(2, &answer(&values))), repeated);
}

#[test]
fn the_removal_of_a_component_that_is_not_there_is_an_invalid_commit() {
    let [alice, bob] = room(["alice", "bob"]);
    let hub = hub_of(&alice);
    let commit = commit(&bob, vec![remove(OTHER)], &[(OTHER, None)]);
    let expected = (Code::InvalidCommit, "NoSuchComponent".to_owned());
    assert_eq!(refusal(alice.process(&commit, None)), expected);
    assert_eq!(refusal(hub.process(&commit)), expected);
}

#[test]
fn more_changes_than_a_room_has_use_for_are_refused() {
    let [alice, bob] = room(["alice", "bob"]);
    let hub = hub_of(&alice);
    let own = (0..=1_024_u16)
        .map(|number| update(NAME, &number.to_le_bytes()))
        .collect();
    let commit = commit(&bob, own, &[(NAME, Some(b""))]);
    assert_eq!(refusal(alice.process(&commit, None)).0, Code::TooLarge);
    assert_eq!(refusal(hub.process(&commit)).0, Code::TooLarge);
}

fn extensions_with(group: &Group, dictionary: Option<&[u8]>) -> Extensions<GroupContext> {
    let mut extensions = group.state.borrow().context().extensions().clone();
    match dictionary {
        Some(name) => {
            let mut entries = AppDataDictionary::new();
            entries.insert(NAME, name.to_vec());
            let new = Extension::AppDataDictionary(AppDataDictionaryExtension::new(entries));
            extensions.add_or_replace(new).unwrap();
        }
        None => {
            extensions.remove(ExtensionType::AppDataDictionary);
        }
    }
    extensions
}

#[test]
fn nobody_touches_the_components_by_group_context_extensions() {
    for dictionary in [Some(&b"other"[..]), None] {
        let [alice, bob] = room(["alice", "bob"]);
        let hub = hub_of(&alice);
        let extensions = extensions_with(&bob, dictionary);
        let made = {
            let mut state = bob.state.borrow_mut();
            let signer = state.signer().unwrap();
            let provider = bob.provider.as_ref();
            let (message, _) = state
                .mls
                .propose_group_context_extensions(provider, extensions, signer.as_ref())
                .unwrap();
            message.tls_serialize_detached().unwrap()
        };
        let rule = "CannotUpdateDictionaryDirectly".to_owned();
        let proposal = (Code::InvalidProposal, rule.clone());
        assert_eq!(refusal(alice.process(&made, None)), proposal);
        assert_eq!(refusal(hub.process(&made)), proposal);
        bob.clear_proposals().unwrap();

        let extensions = extensions_with(&bob, dictionary);
        let made = {
            let mut state = bob.state.borrow_mut();
            let signer = state.signer().unwrap();
            let provider = bob.provider.as_ref();
            let bundle = state
                .mls
                .commit_builder()
                .propose_group_context_extensions(extensions)
                .unwrap()
                .load_psks(provider.storage())
                .unwrap()
                .build(provider.rand(), provider.crypto(), signer.as_ref(), |_| {
                    true
                })
                .unwrap()
                .stage_commit(provider)
                .unwrap();
            bundle.commit().tls_serialize_detached().unwrap()
        };
        let commit = (Code::InvalidCommit, rule);
        assert_eq!(refusal(alice.process(&made, None)), commit);
        assert_eq!(refusal(hub.process(&made)), commit);
    }
}
