//! The order in which the operations of a bulk job are carried out.
//!
//! An operation waits until what it refers to is there. Where operations wait for each other in a circle, the ids of the
//! new resources are given out before the resources are made (RFC 7644 section 3.7.1).

use std::collections::HashMap;

use crate::reference::refusal::Refusal;
use crate::reference::resource::Scope;
use crate::reference::store::Store;
use crate::reference::view::Viewer;
use crate::reference::wire::Answer;
use crate::scim::json::{Json, Object};

use super::operation::{Method, Operation};

/// Carries out operations, in their order as far as references allow, until all are done or `limit` have failed. The
/// results are in the order of the request; what was not reached has none.
pub(super) fn run(store: &mut Store, scope: &Scope, operations: &[Json], limit: Option<usize>) -> Vec<Json> {
    let mut job = Job::read(store, scope, operations, limit);
    job.work();
    job.withdraw_broken();
    job.results(operations)
}

struct Job<'a> {
    store: &'a mut Store,
    scope: &'a Scope,
    tasks: Vec<Task>,
    /// The ids of new resources by bulkId, once they are there.
    ids: HashMap<String, String>,
    limit: Option<usize>,
}

struct Task {
    operation: Result<Operation, Refusal>,
    /// Put aside for what a POST makes.
    new_id: String,
    /// The id is given out before the resource is there.
    is_promised: bool,
    /// The ids of new resources that it refers to.
    used: Vec<String>,
    outcome: Option<Result<Answer, Refusal>>,
}

impl<'a> Job<'a> {
    fn read(store: &'a mut Store, scope: &'a Scope, operations: &[Json], limit: Option<usize>) -> Self {
        let tasks = operations.iter().map(|operation| Task {
            operation: Operation::read(operation, store),
            new_id: store.new_id(),
            is_promised: false,
            used: Vec::new(),
            outcome: None,
        });
        let tasks = tasks.collect();
        Self { store, scope, tasks, ids: HashMap::new(), limit }
    }

    fn work(&mut self) {
        while !self.has_failed_enough() {
            if let Some(index) = (0..self.tasks.len()).find(|&index| self.is_ready(index)) {
                self.perform(index);
            } else if !self.break_circle() {
                return;
            }
        }
    }

    fn has_failed_enough(&self) -> bool {
        let errors = self.tasks.iter().filter(|task| matches!(task.outcome, Some(Err(_)))).count();
        self.limit.is_some_and(|limit| errors >= limit)
    }

    /// Whether it is still to be done and waits for nothing, or in vain.
    fn is_ready(&self, index: usize) -> bool {
        let task = &self.tasks[index];
        task.outcome.is_none() && self.waits_for(index).is_empty()
    }

    /// The tasks that will make what it refers to, and have not yet.
    fn waits_for(&self, index: usize) -> Vec<usize> {
        let Ok(operation) = &self.tasks[index].operation else { return Vec::new() };
        let missing = operation.references().into_iter().filter(|id| !self.ids.contains_key(id));
        missing.filter_map(|id| self.maker(&id).filter(|maker| self.tasks[*maker].outcome.is_none())).collect()
    }

    /// The first POST with that bulkId.
    fn maker(&self, bulk_id: &str) -> Option<usize> {
        let makes =
            |operation: &Operation| operation.method == Method::Post && operation.bulk_id.as_deref() == Some(bulk_id);
        self.tasks.iter().position(|task| task.operation.as_ref().is_ok_and(makes))
    }

    fn perform(&mut self, index: usize) {
        let outcome = self.outcome(index);
        let task = &mut self.tasks[index];
        if let (Ok(_), Ok(Operation { method: Method::Post, bulk_id: Some(bulk_id), .. })) = (&outcome, &task.operation)
        {
            self.ids.insert(bulk_id.clone(), task.new_id.clone());
        }
        task.outcome = Some(outcome);
    }

    fn outcome(&mut self, index: usize) -> Result<Answer, Refusal> {
        let operation = self.tasks[index].operation.clone()?;
        if let Some(bulk_id) = operation.bulk_id.as_deref().filter(|_| operation.method == Method::Post)
            && self.maker(bulk_id) != Some(index)
        {
            return Err(Refusal::syntax(format!("The bulkId {bulk_id} is used twice.")));
        }
        if let Some(missing) = operation.references().into_iter().find(|id| !self.ids.contains_key(id)) {
            return Err(self.unresolved(&missing));
        }
        let unmade = |task: &&Task| task.is_promised && task.outcome.is_none();
        let promised: Vec<String> = self.tasks.iter().filter(unmade).map(|task| task.new_id.clone()).collect();
        self.tasks[index].used = operation.references().iter().filter_map(|id| self.ids.get(id).cloned()).collect();
        let new_id = self.tasks[index].new_id.clone();
        operation.resolved(&self.ids).perform(self.store, self.scope, &new_id, &promised)
    }

    /// 409 where the resource that was to be made could not be, 400 where nobody was to make it.
    fn unresolved(&self, bulk_id: &str) -> Refusal {
        match self.maker(bulk_id) {
            Some(_) => Refusal::new(409, format!("The operation with bulkId {bulk_id} failed.")),
            None => Refusal::value(format!("No POST operation has the bulkId {bulk_id}.")),
        }
    }

    /// Gives out the ids that the first waiting operation needs, so that it can go on; `false` when none waits.
    fn break_circle(&mut self) -> bool {
        let waiting = (0..self.tasks.len()).find(|&index| self.tasks[index].outcome.is_none());
        let Some(index) = waiting else { return false };
        for maker in self.waits_for(index) {
            let task = &mut self.tasks[maker];
            task.is_promised = true;
            if let Ok(Operation { bulk_id: Some(bulk_id), .. }) = &task.operation {
                self.ids.insert(bulk_id.clone(), task.new_id.clone());
            }
        }
        true
    }

    /// What refers to a resource that was promised and then could not be made is taken back, and what refers to that: 409.
    fn withdraw_broken(&mut self) {
        let unmade = |task: &&Task| task.is_promised && !matches!(task.outcome, Some(Ok(_)));
        let mut lost: Vec<String> = self.tasks.iter().filter(unmade).map(|task| task.new_id.clone()).collect();
        let broken = |task: &Task, lost: &[String]| {
            matches!(task.outcome, Some(Ok(_))) && task.used.iter().any(|id| lost.contains(id))
        };
        while let Some(task) = self.tasks.iter_mut().find(|task| broken(task, &lost)) {
            if task.operation.as_ref().is_ok_and(|operation| operation.method == Method::Post) {
                lost.push(task.new_id.clone());
            }
            let refusal = Refusal::new(409, "A resource that this operation refers to could not be made.");
            task.outcome = Some(Err(refusal));
        }
        for id in lost {
            self.store.delete(&id, self.scope.at);
        }
    }

    fn results(&self, operations: &[Json]) -> Vec<Json> {
        let done =
            self.tasks.iter().zip(operations).filter_map(|(task, sent)| Some((task, sent, task.outcome.as_ref()?)));
        done.map(|(task, sent, outcome)| self.result(task, sent, outcome)).collect()
    }

    /// One entry of the answer (section 3.7.3).
    fn result(&self, task: &Task, sent: &Json, outcome: &Result<Answer, Refusal>) -> Json {
        let mut members = Object::default();
        for name in ["method", "bulkId"] {
            if let Some(value) = sent.get(name).filter(|value| value.as_str().is_some()) {
                members.set(name, value.clone());
            }
        }
        if let Some(location) = self.location(task, outcome.is_ok()) {
            members.set("location", location.into());
        }
        match outcome {
            Ok(answer) => {
                if let Some((_, tag)) = answer.headers.iter().find(|(name, _)| *name == "etag") {
                    members.set("version", tag.as_str().into());
                }
                members.set("status", answer.status.to_string().into());
            }
            Err(refusal) => {
                members.set("status", refusal.status.to_string().into());
                members.set("response", Answer::from(refusal.clone()).body.unwrap_or_default());
            }
        }
        Json::Object(members)
    }

    /// Where the resource is, or was; a POST that failed has none.
    fn location(&self, task: &Task, succeeded: bool) -> Option<String> {
        let operation = task.operation.as_ref().ok()?.resolved(&self.ids);
        let id = match operation.id {
            Some(id) => id,
            None if succeeded => task.new_id.clone(),
            None => return None,
        };
        Some(Viewer { store: self.store, base: &self.scope.base }.location(operation.kind, &id))
    }
}
