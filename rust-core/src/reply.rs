// Writes what a call answers into one buffer, which ts/mls/reply.ts reads: one crossing of the boundary per call.
// Little-endian, no alignment; a format between two halves of one program, never stored or sent.

use openmls::prelude::*;

#[derive(Default)]
pub struct Reply(Vec<u8>);

impl Reply {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn done(self) -> Vec<u8> {
        self.0
    }

    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.u8(u8::from(value))
    }

    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        // wasm32: a length always fits.
        self.u32(value.len() as u32);
        self.0.extend_from_slice(value);
        self
    }

    pub fn text(&mut self, value: &str) -> &mut Self {
        self.bytes(value.as_bytes())
    }

    pub fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) -> &mut Self {
        self.bool(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
        self
    }

    pub fn list<T>(&mut self, values: &[T], write: impl Fn(&mut Self, &T)) -> &mut Self {
        self.u32(values.len() as u32);
        for value in values {
            write(self, value);
        }
        self
    }

    pub fn credential(&mut self, credential: &Credential) -> &mut Self {
        self.u16(credential.credential_type().into())
            .bytes(credential.serialized_content())
    }

    pub fn member(
        &mut self,
        index: u32,
        credential: &Credential,
        signature_key: &[u8],
    ) -> &mut Self {
        self.u32(index).credential(credential).bytes(signature_key)
    }

    pub fn members(&mut self, members: impl Iterator<Item = Member>) -> &mut Self {
        let members: Vec<Member> = members.collect();
        self.list(&members, |reply, member| {
            reply.member(
                member.index.u32(),
                &member.credential,
                &member.signature_key,
            );
        })
    }

    pub fn proposal_type(&mut self, proposal_type: ProposalType) -> &mut Self {
        match proposal_type {
            ProposalType::Add => self.text("add"),
            ProposalType::Update => self.text("update"),
            ProposalType::Remove => self.text("remove"),
            ProposalType::PreSharedKey => self.text("psk"),
            ProposalType::Reinit => self.text("reinit"),
            ProposalType::ExternalInit => self.text("externalInit"),
            ProposalType::GroupContextExtensions => self.text("groupContextExtensions"),
            ProposalType::AppDataUpdate => self.text("appDataUpdate"),
            ProposalType::AppEphemeral => self.text("appEphemeral"),
            ProposalType::SelfRemove => self.text("selfRemove"),
            other => self.text(&format!("unknown:{}", u16::from(other))),
        }
    }
}
