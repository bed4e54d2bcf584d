// Answers what a commit's component changes come to, as a caller would: the last update is the content. The shapes of
// question and answer are those of ts/mls/components.ts.

/// The kind of an answer that is such a question.
pub const UNRESOLVED: u8 = 4;

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(length);
        self.0 = tail;
        head
    }

    fn u8(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn u32(&mut self) -> usize {
        let bytes = self.take(4).try_into().expect("four bytes");
        u32::from_le_bytes(bytes) as usize
    }

    fn bytes(&mut self) -> &'a [u8] {
        let length = self.u32();
        self.take(length)
    }

    fn optional(&mut self) -> Option<&'a [u8]> {
        (self.u8() != 0).then(|| self.bytes())
    }

    fn skip_sender(&mut self) {
        let kind = self.u8();
        if kind != 1 {
            self.u32();
        }
        if kind != 2 {
            self.take(2);
            self.bytes();
        }
    }
}

/// `question` is what stands behind the kind, and at the hub behind the stage.
pub fn last_wins(question: &[u8]) -> Vec<u8> {
    let mut question = Cursor(question);
    let components = question.u32();
    let mut answer = (components as u32).to_le_bytes().to_vec();
    for _ in 0..components {
        answer.extend_from_slice(question.take(2));
        question.optional();
        let mut last = None;
        for _ in 0..question.u32() {
            last = question.optional();
            question.skip_sender();
        }
        answer.push(last.is_some().into());
        if let Some(value) = last {
            answer.extend((value.len() as u32).to_le_bytes());
            answer.extend_from_slice(value);
        }
    }
    assert!(question.0.is_empty(), "a question with more behind it");
    answer
}
