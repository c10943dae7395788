//! Requests of one step that are under way at the same time: what a client with several connections sends, and what shows
//! updates that get lost.

use futures_util::future::join_all;

use super::link::Ask;
use super::react::Stop;
use super::scenario::Play;
use crate::exchange::Origin;
use crate::play::render::Made;
use crate::profile::model::{Scenario, Step};

impl Play<'_> {
    /// Sends the requests of a step together, and goes on when all are answered. None is sent again when it is asked to wait:
    /// it would come alone then.
    pub(super) async fn at_once(&mut self, scenario: &Scenario, step: &Step) -> Result<(), Stop> {
        let mut asked = Vec::new();
        for it in self.them(step)? {
            self.bind(Some(&it));
            let made = self.stage.make(scenario, step, &self.scope, self.map);
            let needs = self.needs(step);
            self.bind(None);
            match made.map_err(|error| Stop::Stuck(format!("step {}: {error}", step.id)))? {
                Made::Request(request) => asked.push((it, request, needs)),
                Made::Nothing | Made::Unsettled(..) => {}
            }
        }
        let sending = asked.into_iter().map(|(it, request, needs)| {
            let path = request.resource.split('?').next().unwrap_or_default().to_owned();
            let ask = Ask {
                place: self.place(&step.id),
                origin: Origin::Client,
                base: self.base,
                join: self.join(),
                request,
                needs,
                accept: &step.accept,
                at_once: true,
            };
            let sent = self.link.send(ask);
            async move { (it, path, sent.await) }
        });
        let mut answers = join_all(sending).await;
        // As the events came, so that judging a transcript sees the same.
        answers.sort_by_key(|(_, _, answered)| answered.turn.exchange.seq);
        self.turns.extend(answers.iter().map(|(_, _, answered)| answered.turn.clone()));
        for (it, _, answered) in &answers {
            self.bind(Some(it));
            let done = self.answered(step, answered);
            self.bind(None);
            done?;
        }
        if step.read_back {
            let mut read: Vec<&str> = Vec::new();
            for (_, path, answered) in &answers {
                // A create has a resource of its own, changes of one resource are read together.
                if answered.status().is_some_and(|status| status < 300)
                    && (step.method == "POST" || !read.contains(&path.as_str()))
                {
                    read.push(path);
                    self.read_back(step, path, answered).await;
                }
            }
        }
        Ok(())
    }
}
