// A hub's group as one blob: version byte, parts with their lengths, checksum.
// Parts: tree, group context, confirmation tag, interim transcript hash, then ref, proposal and message of each
// waiting proposal. All but the messages are in the row codec, so that nothing is verified again at a restart.

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::*;

use super::storage::HubStorage;
use super::{HubGroup, Waiting};
use crate::codec;
use crate::crypto::hash;
use crate::decode::MAX_TREE;
use crate::error::{Code, Error, Result, check_size};
use crate::provider::SUITES;

const VERSION: u8 = 1;
/// A part of SHA-256: against damage, not against an enemy.
const CHECKSUM: usize = 8;
const PARTS: usize = 4;
const PARTS_PER_PROPOSAL: usize = 3;

fn checksum(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut sum = hash(SUITES[0], bytes)?;
    sum.truncate(CHECKSUM);
    Ok(sum)
}

fn damaged(rule: &str) -> Error {
    Error::new(Code::DamagedStore, rule)
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u32).to_le_bytes());
    out.extend_from_slice(part);
}

impl HubGroup {
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        self.read(|state| {
            let context = state.group.group_context();
            let tag = state.group.confirmation_tag();
            let mut interim = context.confirmed_transcript_hash().to_vec();
            interim.extend(
                tag.tls_serialize_detached()
                    .map_err(|e| Error::internal(&e))?,
            );
            let interim = InterimTranscriptHash(hash(context.ciphersuite(), &interim)?);

            let mut out = vec![VERSION];
            put(&mut out, &codec::to_vec(state.group.treesync())?);
            put(&mut out, &codec::to_vec(context)?);
            put(&mut out, &codec::to_vec(tag)?);
            put(&mut out, &codec::to_vec(&interim)?);
            for waiting in &state.queue {
                put(
                    &mut out,
                    &codec::to_vec(waiting.proposal.proposal_reference_ref())?,
                );
                put(&mut out, &codec::to_vec(&waiting.proposal)?);
                put(&mut out, &waiting.message);
            }
            out.extend(checksum(&out)?);
            Ok(out)
        })
    }

    pub fn restore(snapshot: &[u8]) -> Result<Self> {
        check_size(snapshot, MAX_TREE)?;
        let (content, sum) = snapshot
            .split_at_checked(snapshot.len().saturating_sub(CHECKSUM))
            .ok_or_else(|| damaged("truncated"))?;
        let (&version, content_parts) =
            content.split_first().ok_or_else(|| damaged("truncated"))?;
        if version != VERSION {
            return Err(damaged("a snapshot of another version"));
        }
        if checksum(content)? != sum {
            return Err(damaged("checksum"));
        }
        let parts = split(content_parts)?;
        let (state, queue) = parts
            .split_at_checked(PARTS)
            .ok_or_else(|| damaged("truncated"))?;
        let [tree, context, tag, interim] = state else {
            return Err(damaged("truncated"));
        };
        let group_context: GroupContext = codec::from_slice(context)?;

        let mut proposals = Vec::new();
        let mut waiting = Vec::new();
        for parts in queue.chunks(PARTS_PER_PROPOSAL) {
            let [reference, proposal, message] = parts else {
                return Err(damaged("truncated"));
            };
            proposals.push((reference.to_vec(), proposal.to_vec()));
            waiting.push(Waiting {
                proposal: codec::from_slice(proposal)?,
                message: message.to_vec(),
            });
        }
        let storage = HubStorage {
            tree: tree.to_vec(),
            context: context.to_vec(),
            confirmation_tag: tag.to_vec(),
            interim_transcript_hash: interim.to_vec(),
            proposals,
        };
        let group = PublicGroup::load(&storage, group_context.group_id())?
            .ok_or_else(|| damaged("incomplete"))?;
        Ok(Self::of(group, waiting))
    }
}

fn split(mut rest: &[u8]) -> Result<Vec<&[u8]>> {
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (length, tail) = rest
            .split_first_chunk::<4>()
            .ok_or_else(|| damaged("truncated"))?;
        let length = u32::from_le_bytes(*length) as usize;
        let (part, tail) = tail
            .split_at_checked(length)
            .ok_or_else(|| damaged("truncated"))?;
        parts.push(part);
        rest = tail;
    }
    Ok(parts)
}
